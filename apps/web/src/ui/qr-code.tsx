import { type ReactNode, useMemo } from 'react';
import { encode } from 'uqr';

/** A text for a camera. It is dark on light in both themes: many cameras read nothing else. */
export default function QrCode({
  text,
  label,
}: {
  readonly text: string;
  readonly label: string;
}): ReactNode {
  const { size, path } = useMemo(() => {
    const code = encode(text, { ecc: 'M', border: 2 });
    const squares = code.data.flatMap((row, y) =>
      row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])),
    );
    return { size: code.size, path: squares.join('') };
  }, [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      className="w-48 rounded-xl bg-white"
    >
      <path d={path} fill="#221d2c" shapeRendering="crispEdges" />
    </svg>
  );
}
