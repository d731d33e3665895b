import { crc32, inflateRawSync } from 'node:zlib'

/**
 * The first file of a ZIP archive (APPNOTE.TXT 4.3), or null when the body is none, is damaged, or the file would
 * be longer than `mostBytes`. Sizes in the archive are its own word, so the length is bounded while it is unpacked.
 */
export function firstFile(archive: Buffer, mostBytes: number): Buffer | null {
  try {
    const end = archive.lastIndexOf(END_OF_DIRECTORY)
    const entry = archive.readUInt32LE(end + 16)
    if (end === -1 || archive.readUInt32LE(entry) !== DIRECTORY_ENTRY) return null
    const method = archive.readUInt16LE(entry + 10)
    const checksum = archive.readUInt32LE(entry + 16)
    const packed = archive.readUInt32LE(entry + 20)
    const local = archive.readUInt32LE(entry + 42)
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
    if (start + packed > archive.length || packed > mostBytes) return null
    const data = archive.subarray(start, start + packed)
    const file = method === DEFLATED ? inflateRawSync(data, { maxOutputLength: mostBytes }) : data
    return (method === DEFLATED || method === STORED) && crc32(file) === checksum ? file : null
  } catch {
    return null
  }
}

const END_OF_DIRECTORY = Buffer.from('PK\x05\x06', 'latin1')
const DIRECTORY_ENTRY = 0x02014b50
const STORED = 0
const DEFLATED = 8
