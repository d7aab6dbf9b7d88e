import { graphql } from '../lib/graphql.ts';
import { SeoFields } from './Head.ts';
import { CroppedImageFields, ImageTextFields } from './CroppedImage.ts';

export const PersonFields = graphql(
  `
    fragment PersonFields on Person {
      id
      name
      slug
      seo {
        title
        ...SeoFields
      }
      bio
      jobTitle
      organization {
        name
        website
      }
      website
      links {
        label
        url
      }
      photo {
        ...ImageTextFields
        square: crop(to: SQUARE) {
          ...CroppedImageFields
        }
      }
    }
  `,
  [CroppedImageFields, ImageTextFields, SeoFields],
);
