import { graphql } from '../lib/graphql.ts';
import { BlockFields } from './Blocks.ts';
import { BreadcrumbFields } from './Breadcrumbs.ts';

export const StandardPageFields = graphql(
  `
    fragment StandardPageFields on StandardPage {
      title
      intro
      body {
        ...BlockFields
      }
      ...BreadcrumbFields
    }
  `,
  [BlockFields, BreadcrumbFields],
);
