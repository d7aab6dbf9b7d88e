import { graphql } from '../lib/graphql.ts';

/** What a cropped image needs of the image that it is cut from. */
export const ImageTextFields = graphql(`
  fragment ImageTextFields on Image {
    alt
    focalPoint {
      x
      y
    }
  }
`);

export const CroppedImageFields = graphql(`
  fragment CroppedImageFields on CroppedImage {
    width
    height
    url
    avif: srcset(format: AVIF)
    webp: srcset(format: WEBP)
  }
`);
