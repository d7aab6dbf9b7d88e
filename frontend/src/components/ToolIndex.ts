import { graphql } from '../lib/graphql.ts';

export const ToolIndexFields = graphql(`
  fragment ToolIndexFields on ToolIndex {
    title
    path
    locale
    intro
  }
`);
