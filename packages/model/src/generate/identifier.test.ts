import { describe, expect, test } from 'vitest';
import { camelCase, pascalCase } from './identifier.ts';

describe('camelCase', () => {
  test.each([
    ['Sensor Value', 'sensorValue'],
    ['UTC Offset', 'utcOffset'],
    ['SNI', 'sni'],
    ['LWM2M Server URI', 'serverUri'],
    ['Secondary LwM2M Server URI', 'secondaryLwm2mServerUri'],
    ['SMS Binding Secret Key(s)', 'smsBindingSecretKeys'],
    ['DTLS/TLS Ciphersuite', 'dtlsTlsCiphersuite'],
    ['ObjectURN', 'objectUrn'],
    ['LogDataIncremental', 'logDataIncremental'],
    ['PLMNs', 'plmns'],
    ['IPv6 Address', 'ipv6Address'],
    ['eNB ID', 'enbId'],
    ['ACK_TIMEOUT', 'ackTimeout'],
    ['Wi-Fi 2.4 GHz', 'wiFi24GHz'],
    ['5QI', 'fiveQi'],
    ['3-Phase Active Power', 'threePhaseActivePower'],
    ['t310Timer', 't310Timer'],
    ['Caf\u00e9 Door', 'cafeDoor'],
    ['Group\u00a0 Address', 'groupAddress'],
    ['|+|', ''],
    ['', ''],
  ])('%j is %j', (name, identifier) => expect(camelCase(name)).toBe(identifier));
});

describe('pascalCase', () => {
  test.each([
    ['LWM2M Access Control', 'AccessControl'],
    ['LwM2M Server', 'Server'],
    ['3-Phase Power Meter', 'ThreePhasePowerMeter'],
    ['5GNR Connectivity', 'FiveGnrConnectivity'],
    ['oA Device', 'OaDevice'],
  ])('%j is %j', (name, identifier) => expect(pascalCase(name)).toBe(identifier));
});
