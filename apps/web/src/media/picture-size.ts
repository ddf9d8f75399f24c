/** The widest and highest that a picture is in a message, and the least, in pixels of CSS. */
const MOST_WIDTH = 320;
const MOST_HEIGHT = 400;
const LEAST_WIDTH = 140;
/** Beyond these a picture is cut: of a panorama or a long page there would be a line. */
const NARROWEST = 0.5;
const WIDEST = 2.5;
const UNKNOWN = { width: 4, height: 3 };

export interface PictureBox {
  readonly width: number;
  /** Width by height. */
  readonly ratio: number;
}

/** The box of a picture, known before the picture is: what comes later moves nothing. */
export function pictureBox(size: {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}): PictureBox {
  const { width, height } = size.width && size.height ? { ...UNKNOWN, ...size } : UNKNOWN;
  const ratio = Math.min(Math.max(width / height, NARROWEST), WIDEST);
  const wanted = size.width ? Math.min(width, MOST_WIDTH) : MOST_WIDTH;
  const fitting = Math.min(wanted, MOST_HEIGHT * ratio);
  return { width: Math.round(Math.max(fitting, LEAST_WIDTH)), ratio };
}
