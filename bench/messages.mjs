// The four messages that the codec benchmark is about. They are written out, so that no codec has made its own input.

const hex = (text) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const ascii = (text) => Uint8Array.from(Buffer.from(text, 'latin1'));

function join(...parts) {
  return Uint8Array.from(Buffer.concat(parts));
}

/** What a device lists when it registers, cut at 300 bytes. */
const objectLinks = ascii(
  '</>;rt="oma.lwm2m";ct="60 110 112 11542 11543",</1>;ver=1.1,</1/0>,</2/0>,</3>;ver=1.2,</3/0>,</4/0>,</5/0>,</6/0>,' +
    '</3300/0>,</3301/0>,</3302/0>,</3303/0>,</3304/0>,</3305/0>,</3306/0>,</3307/0>,</3308/0>,</3309/0>,</3310/0>,' +
    '</3311/0>,</3312/0>,</3313/0>,</3314/0>,</3315/0>,</3316/0>,</3317/0>,</331',
);

export const messages = [
  { name: 'a', title: 'empty ACK', bytes: hex('60001234') },
  {
    name: 'b',
    title: 'CON GET /3303/0/5700, Accept 11542',
    bytes: hex('48011235 a1b2c3d4e5f60718 b433333033 0130 0435373030 622d16'),
  },
  {
    name: 'c',
    title: 'ACK 2.05, Observe, Content-Format, Block2, 512 bytes',
    bytes: join(hex('68451236 a1b2c3d4e5f60718 62012c 622d16 b11d ff'), new Uint8Array(512).fill(0x5a)),
  },
  {
    name: 'd',
    title: 'CON POST /rd, four Uri-Query, 300 bytes of links',
    bytes: join(
      hex('48021237 a1b2c3d4e5f60718 b27264 1128 3d0e'),
      ascii('ep=urn:imei:490154203237518'),
      hex('08'),
      ascii('lt=86400'),
      hex('09'),
      ascii('lwm2m=1.1'),
      hex('03'),
      ascii('b=U'),
      hex('ff'),
      objectLinks,
    ),
  },
];
