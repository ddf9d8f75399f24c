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
