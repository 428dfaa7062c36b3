// H-01: every storage that a page can read, again and again.

for await (const _ of rounds(20)) steal("storage", await stored());
