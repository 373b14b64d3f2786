export { interceptDatagrams } from './intercept-datagrams.ts';
export type { InterceptedAbout, Interceptor } from './interceptor.ts';
export { tracePrinter } from './trace-printer.ts';
