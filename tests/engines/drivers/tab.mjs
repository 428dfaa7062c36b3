// A tab of a driver whose pages are as Playwright has them; so has Puppeteer.

export const tab = (page) => ({
  id: page,
  go: (url) => page.goto(url),
  reload: () => page.reload(),
  back: () => page.evaluate(() => void setTimeout(() => history.back())),
  evaluate: (act, given) => page.evaluate(act, given),
  click: (selector) => page.click(selector),
  close: () => page.close(),
});
