import { graphql } from '../lib/graphql.ts';
import { ImageFields } from './Image.ts';

export const SeoFields = graphql(
  `
    fragment SeoFields on Seo {
      title
      description
      canonicalUrl
      noindex
      jsonLd
      image {
        ...ImageFields
      }
    }
  `,
  [ImageFields],
);

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
        ...SeoFields
      }
    }
  `,
  [SeoFields],
);
