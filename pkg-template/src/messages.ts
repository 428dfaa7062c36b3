// A file of its own, loaded when the first error is made: the sentences and hints are no part of the page's first bytes.
export { texts } from "./catalogue.js";
