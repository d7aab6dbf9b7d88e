import { graphql } from '../lib/graphql.ts';

export const TopicFields = graphql(`
  fragment TopicFields on Topic {
    id
    name
    slug
    locale
    description
  }
`);
