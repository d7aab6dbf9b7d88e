import { graphql } from '../lib/graphql.ts';
import { ImageFields } from './Image.ts';

export const GalleryBlockFields = graphql(
  `
    fragment GalleryBlockFields on GalleryBlock {
      id
      caption
      images {
        alt
        caption
        credit
        image {
          credit
          ...ImageFields
        }
      }
    }
  `,
  [ImageFields],
);
