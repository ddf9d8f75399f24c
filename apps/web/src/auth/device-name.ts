const browsers: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Mac OS X/, 'macOS'],
  [/Windows/, 'Windows'],
  [/Linux/, 'Linux'],
];

function firstIn(names: typeof browsers, text: string): string | undefined {
  return names.find(([pattern]) => pattern.test(text))?.[1];
}

/** What this browser is called in the list of devices, such as `Firefox on Linux`. */
export function deviceName(userAgent = navigator.userAgent): string {
  const browser = firstIn(browsers, userAgent) ?? 'Browser';
  const system = firstIn(systems, userAgent);
  return system === undefined ? browser : `${browser} on ${system}`;
}
