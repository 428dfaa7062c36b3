// Where an attacker's host would find what was stolen: it answers anything, and keeps it.

export function sinkHandler() {
  return () => ({
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-headers": "*",
      "access-control-allow-methods": "*",
      "cross-origin-resource-policy": "cross-origin",
      "content-type": "text/html",
    },
    body: "<!doctype html><title>evil</title>",
  });
}
