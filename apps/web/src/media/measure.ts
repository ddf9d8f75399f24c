/** What a picture or recording tells of itself, as far as this browser can read it. */
export interface Measures {
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
}

async function ofImage(file: Blob): Promise<Measures> {
  const image = await createImageBitmap(file);
  const { width, height } = image;
  image.close();
  return { width, height };
}

function ofVideo(address: string): Promise<Measures> {
  return new Promise((resolve, reject) => {
    const video = document.createElement('video');
    video.preload = 'metadata';
    video.addEventListener('error', () => {
      reject(new Error('The browser cannot read this video'));
    });
    video.addEventListener('loadedmetadata', () => {
      const { videoWidth: width, videoHeight: height, duration } = video;
      resolve({
        ...(width > 0 && { width, height }),
        ...(Number.isFinite(duration) && { durationMs: Math.round(duration * 1000) }),
      });
    });
    video.src = address;
  });
}

/** The measures of a file; none of what cannot be read, which is sent all the same. */
export async function measured(file: File, preview: string | undefined): Promise<Measures> {
  try {
    if (file.type.startsWith('image/')) return await ofImage(file);
    if (file.type.startsWith('video/') && preview !== undefined) return await ofVideo(preview);
  } catch {
    // As of a type that only other programs know.
  }
  return {};
}
