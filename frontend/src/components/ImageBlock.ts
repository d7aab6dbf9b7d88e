import { graphql } from '../lib/graphql.ts';
import { ImageFields } from './Image.ts';

export const ImageBlockFields = graphql(
  `
    fragment ImageBlockFields on ImageBlock {
      image {
        credit
        ...ImageFields
      }
      alt
      caption
      credit
    }
  `,
  [ImageFields],
);
