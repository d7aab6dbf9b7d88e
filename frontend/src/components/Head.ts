import { graphql } from '../lib/graphql.ts';
import { ImageFields } from './Image.ts';

export const HeadFields = graphql(
  `
    fragment HeadFields on Page {
      title
      locale
      translations {
        url
        locale
      }
      seo {
        title
        description
        canonicalUrl
        noindex
        jsonLd
        image {
          ...ImageFields
        }
      }
    }
  `,
  [ImageFields],
);
