export { nextHopLimit } from './hop-limit.ts';
export { proxySchemeOptions, proxyUriOptions } from './proxy-options.ts';
