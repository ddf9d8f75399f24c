const SAMPLE_RATE = 8000;
const WAV_HEADER_BYTES = 44;

/** A WAV of a tone that is loud in its second half. */
export function wav(seconds = 2): Buffer {
  const samples = SAMPLE_RATE * seconds;
  const file = Buffer.alloc(WAV_HEADER_BYTES + samples * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(SAMPLE_RATE, 24);
  file.writeUInt32LE(SAMPLE_RATE * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples * 2, 40);
  for (let at = 0; at < samples; at += 1) {
    const volume = at < samples / 2 ? 3000 : 30_000;
    file.writeInt16LE(Math.round(volume * Math.sin(at / 3)), WAV_HEADER_BYTES + at * 2);
  }
  return file;
}

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + head.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** As a header of a movie or a track's media has it: version 0, times, time scale and duration. */
function durationHeader(type: 'mvhd' | 'mdhd', seconds: number): Buffer {
  const header = Buffer.alloc(type === 'mvhd' ? 100 : 24);
  header.writeUInt32BE(1000, 12);
  header.writeUInt32BE(seconds * 1000, 16);
  return box(type, header);
}

function videoTrack(seconds: number): Buffer {
  const handler = Buffer.alloc(25);
  handler.write('vide', 8, 'latin1');
  return box(
    'trak',
    box('tkhd', Buffer.alloc(84)),
    box('mdia', durationHeader('mdhd', seconds), box('hdlr', handler)),
  );
}

/** An MP4 of a video of that length, of which every picture is missing, with the place where it was taken. */
export function mp4WithPlace(seconds = 3): Buffer {
  const place = Buffer.from('+52.5163+013.3777/', 'latin1');
  const size = Buffer.alloc(4);
  size.writeUInt16BE(place.length);
  return Buffer.concat([
    box('ftyp', Buffer.from('isom\0\0\0\0isommp42', 'latin1')),
    box(
      'moov',
      durationHeader('mvhd', seconds),
      videoTrack(seconds),
      box('udta', box('\xa9xyz', size, place)),
    ),
    box('mdat', Buffer.alloc(1000)),
  ]);
}

/** An MP4 whose boxes say that they are longer than the file. */
export function brokenMp4(): Buffer {
  return mp4WithPlace().subarray(0, 90);
}

/** An element of EBML; its size is left open where it ends with what holds it. */
function element(id: number, content: Buffer, isOpen = false): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(0x10_00_00_00 + content.length);
  return Buffer.concat([
    Buffer.from(id.toString(16), 'hex'),
    isOpen ? Buffer.from([0xff]) : size,
    content,
  ]);
}

const text = (id: number, value: string) => element(id, Buffer.from(value));

/** A WebM as browsers record it, piece by piece, with a title and the place where it was made behind its sound. */
export function webmWithPlace(): Buffer {
  const tag = element(
    0x67c8,
    Buffer.concat([text(0x45a3, 'LOCATION'), text(0x4487, '+52.5163+013.3777/')]),
  );
  const track = element(
    0xae,
    Buffer.concat([
      element(0xd7, Buffer.from([1])),
      element(0x73c5, Buffer.from([1])),
      element(0x83, Buffer.from([2])),
      text(0x86, 'A_OPUS'),
    ]),
  );
  const block = element(0xa3, Buffer.concat([Buffer.from([0x81, 0, 0, 0x80]), Buffer.alloc(300)]));
  const cluster = Buffer.concat([
    element(0xe7, Buffer.from([0])),
    ...Array<Buffer>(300).fill(block),
  ]);
  const segment = Buffer.concat([
    element(
      0x15_49_a9_66,
      Buffer.concat([
        element(0xbf, Buffer.from([1, 2, 3, 4])),
        element(0x2a_d7_b1, Buffer.from([0x0f, 0x42, 0x40])),
        text(0x7ba9, 'Secret title'),
        text(0x4d80, 'Natter'),
        text(0x5741, 'Natter'),
      ]),
    ),
    element(0x16_54_ae_6b, track),
    element(0x1f_43_b6_75, cluster, true),
    element(0x1f_43_b6_75, cluster, true),
    element(0x12_54_c3_67, element(0x7373, tag)),
  ]);
  return Buffer.concat([
    element(0x1a_45_df_a3, text(0x4282, 'webm')),
    element(0x18_53_80_67, segment, true),
  ]);
}
