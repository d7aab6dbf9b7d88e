import { graphql } from '../lib/graphql.ts';
import { AlternativeFields } from './Alternative.ts';
import { BlockFields } from './Blocks.ts';
import { BreadcrumbFields } from './Breadcrumbs.ts';
import { FactListFields } from './FactList.ts';
import { ImageFields } from './Image.ts';
import { UseCaseFields } from './UseCases.ts';

export const ToolFields = graphql(
  `
    fragment ToolFields on Tool {
      name
      tagline
      lifecycle
      website
      repository
      documentation
      updatedAt
      logo {
        ...ImageFields
      }
      vendor {
        name
        website
      }
      useCases {
        ...UseCaseFields
      }
      categories {
        name
        slug
      }
      body {
        ...BlockFields
      }
      alternatives {
        ...AlternativeFields
      }
      usedIn(first: 20) {
        type
        title
        path
      }
      ...FactListFields
      ...BreadcrumbFields
    }
  `,
  [AlternativeFields, BlockFields, BreadcrumbFields, FactListFields, ImageFields, UseCaseFields],
);
