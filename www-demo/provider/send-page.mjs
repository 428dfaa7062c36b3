// How every page of the provider is sent: never cached, never framed, no script at all.

export function sendPage(ctx, demoOrigin, page) {
  ctx.set({
    // A form's answer leads on to the application by redirects, and browsers hold form-action against those, too.
    "Content-Security-Policy":
      `default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' ${demoOrigin}; base-uri 'none'; frame-ancestors 'none'`,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  });
  ctx.type = "text/html; charset=utf-8";
  ctx.body = page;
}
