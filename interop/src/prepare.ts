import { preparePeers } from './prepare-peers.ts';

preparePeers();
