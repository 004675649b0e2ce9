import { parseXml, XmlElement } from '@rgrove/parse-xml';

/**
 * Parses an answer of a store.
 * @param {string} text
 * @returns {XmlElement | undefined} undefined if it is not XML
 */
export function parseAnswer(text) {
  try {
    return parseXml(text).root ?? undefined;
  } catch {
    return undefined; // A proxy may have answered. The caller reports what is missing.
  }
}

/**
 * The children of an element that have this name.
 * @param {XmlElement | undefined} element
 * @param {string} name
 * @returns {XmlElement[]}
 */
export const childrenOf = (element, name) =>
  (element?.children ?? []).filter(
    /** @returns {child is XmlElement} */
    (child) => child instanceof XmlElement && child.name === name,
  );

/**
 * The text of the first child of this name.
 * @param {XmlElement | undefined} element
 * @param {string} name
 * @returns {string | undefined}
 */
export const textOf = (element, name) => childrenOf(element, name)[0]?.text;

/**
 * Text inside an element.
 * @param {string} text
 */
export const escapeXml = (text) => text.replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`);
