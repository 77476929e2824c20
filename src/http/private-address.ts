import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';

/** What no public host has: this machine, its networks, and what has a meaning of its own (IANA's special-purpose registries). */
const RANGES: readonly (readonly [net: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
];

const blocked = new BlockList();
for (const [net, prefix] of RANGES) blocked.addSubnet(net, prefix, isIPv6(net) ? 'ipv6' : 'ipv4');

/** Also an IPv4 address in the form of an IPv6 one. */
export const isPrivateAddress = (address: string): boolean => blocked.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

/** A name that leads into the own network leads nowhere, whoever made it do so: what is looked up here is what is connected to. */
export const lookupPublic: LookupFunction = (hostname, options, answer) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    const wrong = error ?? (found.some(({ address }) => isPrivateAddress(address)) ? new PrivateAddress() : null);
    const [first] = found ?? [];
    if (wrong || !first) answer(wrong ?? new PrivateAddress(), '');
    else if (options.all) answer(null, found);
    else answer(null, first.address, first.family);
  });
};

class PrivateAddress extends Error {
  readonly code = 'PRIVATE_ADDRESS';
  constructor() {
    super('The name leads into a private network.');
    this.name = 'PrivateAddress';
  }
}
