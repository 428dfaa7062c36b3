// What a value of an option may be. Small enough to be there more than once, in files that are loaded one by one.

export type Check = (value: unknown) => boolean;

export const text: Check = (value) => typeof value === "string";
export const flag: Check = (value) => typeof value === "boolean";
export const callable: Check = (value) => typeof value === "function";
export const oneOf =
  (...values: string[]): Check =>
  (value) =>
    values.includes(value as string);
