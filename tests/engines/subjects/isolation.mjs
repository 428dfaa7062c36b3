import assert from "node:assert/strict";

export const subject = "Isolation";

const alone = (isolation) => async ({ open, world, requestsDuring, same }) => {
  // A Rust application has no vault to put into the page unless it was built with one.
  if (isolation === "page" && world.site.face === "rust") world.site.face = "rust-page";
  world.site.clients = { main: { ...world.options, isolation } };
  const app = await open();
  same(await app.made(), { status: "signed-out", isolation });
  const { token } = await requestsDuring(() => app.signIn());
  assert.equal(token, 1);
  const session = await app.session();
  assert.deepEqual([session.status, session.isolation, session.restoredBy], ["signed-in", isolation, "redirect"]);
  assert.equal((await app.fetch(`${world.api}me`)).value.status, 200);
  const stranger = await open();
  same(await stranger.made(), { status: "signed-out", isolation });
  await app.reload();
  same(await app.made(), { status: "signed-out", isolation });
  await app.signInAgain();
  await app.signOut();
  same(await app.made(), { status: "signed-out", isolation });
};

export const scenarios = {
  "`worker`: sign-in, API and sign-out; each tab by itself, and no reload": alone("worker"),
  "`page`: sign-in, API and sign-out; each tab by itself, and no reload": alone("page"),
};
