import { graphql } from '../lib/graphql.ts';
import { BylineFields } from './Byline.ts';
import { ImageFields } from './Image.ts';

export const ArticleTeaserFields = graphql(
  `
    fragment ArticleTeaserFields on Article {
      title
      path
      question
      dek
      hero {
        ...ImageFields
      }
      ...BylineFields
    }
  `,
  [BylineFields, ImageFields],
);
