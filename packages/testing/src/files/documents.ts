import { crc32 } from 'node:zlib';

export function pdf(): Buffer {
  return Buffer.from(
    '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n' +
      'trailer<</Root 1 0 R>>\n%%EOF\n',
    'latin1',
  );
}

/** One file, stored as it is. */
export function zip(name = 'notes.txt', content = 'hello'): Buffer {
  const [fileName, bytes] = [Buffer.from(name), Buffer.from(content)];
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt32LE(crc32(bytes), 10);
  facts.writeUInt32LE(bytes.length, 14);
  facts.writeUInt32LE(bytes.length, 18);
  facts.writeUInt16LE(fileName.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, fileName, bytes]);
  const entry = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\0', 'latin1'),
    facts,
    Buffer.alloc(14),
    fileName,
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, entry, end]);
}

export const svgWithScript = Buffer.from(
  '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "a"><!ENTITY b "&a;&a;&a;">]>' +
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script>&b;</svg>',
);

export const bareSvg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
);

export const html = Buffer.from('<!doctype html><script>alert(document.domain)</script>');

export const javascript = Buffer.from('#!/usr/bin/env node\nalert(document.domain);\n');

/** The beginning of a program for Windows. */
export function windowsProgram(): Buffer {
  const file = Buffer.alloc(512);
  file.write('MZ', 'latin1');
  return file;
}

/** A GIF to those who read images, JavaScript to those who run it. */
export const gifScript = Buffer.from(
  'GIF89a/*\x01\0\x80\0\0\0\0\0\xff\xff\xff*/=1;alert(document.domain);//',
  'latin1',
);

/** A playlist that names a file of the machine, to be read into what is made of it. */
export const playlist = Buffer.from(
  '#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n',
);

/** A list for ffmpeg's concat demuxer, which does the same. */
export const concatenation = Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'\n");

export const postscript = Buffer.from(
  '%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n(%pipe%id) (r) file\n',
);

export function photoshop(): Buffer {
  const file = Buffer.alloc(64);
  file.write('8BPS\0\x01', 'latin1');
  return file;
}
