import { graphql } from '../lib/graphql.ts';
import { BylineFields } from './Byline.ts';
import { CroppedImageFields, ImageTextFields } from './CroppedImage.ts';

export const ArticleTeaserFields = graphql(
  `
    fragment ArticleTeaserFields on Article {
      title
      path
      question
      dek
      hero {
        ...ImageTextFields
        wide: crop(to: WIDE) {
          ...CroppedImageFields
        }
      }
      ...BylineFields
    }
  `,
  [BylineFields, CroppedImageFields, ImageTextFields],
);
