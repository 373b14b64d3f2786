/** What block-wise transfer is told once. */
export interface BlockParameters {
  /**
   * SZX, the size of blocks: 0 to 6 stand for 16 to 1024 bytes. What fits one block goes in one message. Peers may ask
   * for smaller ones, never for larger. Below 6 it is named in the first request (early negotiation).
   */
  readonly blockSzx: number;
  /** The longest body that is assembled: of a request that comes (beyond: 4.13), of a response (beyond: an error). */
  readonly bodyBytesMax: number;
  /** How long a request with a body in several blocks may take in all; each of its messages has its own time. */
  readonly bodyTimeoutMs: number;
  /** How often a response body is fetched from its start again since it changed meanwhile. */
  readonly bodyRestartsMax: number;
  /** So many bytes of a streamed body wait for their reader before the peer is not asked for more. */
  readonly streamBufferBytes: number;
  /** How many request bodies of one peer are assembled; one more takes the place of the oldest. */
  readonly assembliesPerPeerMax: number;
  /** How many request bodies are assembled; one more is answered 5.03. */
  readonly assembliesMax: number;
  /** The memory of request bodies that are assembled, in bytes; a body that would go beyond gets 4.13. */
  readonly assemblyBytesMax: number;
  /** How many response bodies are kept for the blocks that one peer has still to ask for; the oldest gives way. */
  readonly responseBodiesPerPeerMax: number;
  /** How many response bodies are kept; the oldest gives way. */
  readonly responseBodiesMax: number;
  /** The memory of response bodies that are kept, in bytes; the oldest give way. */
  readonly responseBodyBytesMax: number;
}

/** The defaults. */
export const defaultBlockParameters: BlockParameters = {
  blockSzx: 6,
  bodyBytesMax: 1024 * 1024,
  bodyTimeoutMs: 3_600_000,
  bodyRestartsMax: 3,
  streamBufferBytes: 64 * 1024,
  assembliesPerPeerMax: 8,
  assembliesMax: 1000,
  assemblyBytesMax: 64 * 1024 * 1024,
  responseBodiesPerPeerMax: 8,
  responseBodiesMax: 1000,
  responseBodyBytesMax: 64 * 1024 * 1024,
};
