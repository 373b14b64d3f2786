export { nextHopLimit } from './hop-limit.ts';
export { proxySchemeOptions, proxyUriOptions } from './proxy-options.ts';
export { type OwnNames, refuseOtherHosts } from './refuse-other-hosts.ts';
