export { formatLinkFormat } from './format-link-format.ts';
export { attributeOf, type Link, type LinkAttribute } from './link.ts';
export {
  ATTRIBUTE_COUNT_MAX,
  LINK_COUNT_MAX,
  type ParseLinkFormatOptions,
  parseLinkFormat,
  TEXT_LENGTH_MAX,
} from './parse-link-format.ts';
