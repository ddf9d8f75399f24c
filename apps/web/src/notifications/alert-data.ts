/** The `seq` of the message that an alert is of; 0 where it says none. Its chat is its tag. */
export function alertSeq({ data }: Notification): number {
  const value: unknown = data;
  const seq = typeof value === 'object' && value !== null && 'seq' in value ? value.seq : 0;
  return typeof seq === 'number' ? seq : 0;
}
