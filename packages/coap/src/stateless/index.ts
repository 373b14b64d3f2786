export { takesExtendedTokens } from './extended-tokens.ts';
export {
  StatelessClient,
  type StatelessClientOptions,
  type StatelessRequestInit,
  type TokenSealer,
} from './stateless-client.ts';
