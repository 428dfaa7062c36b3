// H-01: every storage that a page can read, again and again.

for (let round = 0; round < 40; round += 1) {
  steal("storage", await stored());
  await wait(15);
}
