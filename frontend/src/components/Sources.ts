import { graphql } from '../lib/graphql.ts';

export const SourceFields = graphql(`
  fragment SourceFields on Source {
    title
    url
  }
`);
