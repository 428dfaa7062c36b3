// HTML by template literal: whatever is put in is escaped, unless it is HTML made the same way.

class Html {
  constructor(source) {
    this.source = source;
  }

  toString() {
    return this.source;
  }
}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function rendered(value) {
  if (value === undefined || value === null || value === false) return "";
  if (value instanceof Html) return value.source;
  if (Array.isArray(value)) return value.map(rendered).join("");
  return String(value).replace(/[&<>"']/gu, (character) => ESCAPES[character]);
}

export function html(strings, ...values) {
  return new Html(strings.reduce((source, string, index) => source + rendered(values[index - 1]) + string));
}

/** HTML from elsewhere that is known to be safe: the form that oidc-provider hands over for its logout page. */
export function trustedHtml(source) {
  return new Html(source);
}
