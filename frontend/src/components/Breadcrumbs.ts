import { graphql } from '../lib/graphql.ts';

export const BreadcrumbFields = graphql(`
  fragment BreadcrumbFields on Page {
    title
    breadcrumbs {
      title
      path
    }
  }
`);
