/** A span attribute's value. Whole numbers are sent as integers, others as doubles. */
export type AttributeValue = string | number | boolean | readonly string[];

/**
 * Names and values in turn: `[name, value, name, value, …]`; cheaper to fill and to walk than an object. A value of bytes is
 * a text in UTF-8.
 */
export type AttributeList = (AttributeValue | Uint8Array)[];

/** Appends an attribute, unless there is nothing to say. */
export const put = (list: AttributeList, name: string, value: AttributeValue | Uint8Array | null | undefined): void => {
  if (value !== undefined && value !== null) list.push(name, value);
};
