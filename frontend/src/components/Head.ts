import { graphql } from '../lib/graphql.ts';

export const SeoFields = graphql(`
  fragment SeoFields on Seo {
    title
    description
    canonicalUrl
    noindex
    jsonLd
    alternates {
      hreflang
      url
    }
    openGraph {
      property
      content
    }
  }
`);

export const HeadFields = graphql(
  `
    fragment HeadFields on Page {
      title
      locale
      seo {
        title
        ...SeoFields
      }
    }
  `,
  [SeoFields],
);
