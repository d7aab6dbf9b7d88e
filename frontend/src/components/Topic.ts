import { graphql } from '../lib/graphql.ts';
import { SeoFields } from './Head.ts';

export const TopicFields = graphql(
  `
    fragment TopicFields on Topic {
      id
      name
      slug
      locale
      description
      seo {
        title
        ...SeoFields
      }
    }
  `,
  [SeoFields],
);
