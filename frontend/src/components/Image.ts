import { graphql } from '../lib/graphql.ts';

export const ImageFields = graphql(`
  fragment ImageFields on Image {
    alt
    width
    height
    url
    focalPoint {
      x
      y
    }
    avif: srcset(format: AVIF)
    webp: srcset(format: WEBP)
  }
`);
