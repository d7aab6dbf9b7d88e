// Every address of the site, a hundred at a time.
import { graphql } from '../lib/graphql.ts';

export const SitemapPagesQuery = graphql(`
  query SitemapPages($after: String, $site: String, $locale: String) {
    pages(first: 100, after: $after, site: $site, locale: $locale) {
      nodes {
        path
        updatedAt
        seo {
          noindex
          canonicalUrl
          alternates {
            hreflang
            url
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const SitemapTopicsQuery = graphql(`
  query SitemapTopics($after: String, $site: String, $locale: String) {
    topics(first: 100, after: $after, site: $site, locale: $locale) {
      nodes {
        path
        seo {
          canonicalUrl
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const SitemapPeopleQuery = graphql(`
  query SitemapPeople($after: String, $site: String) {
    people(first: 100, after: $after, site: $site) {
      nodes {
        path
        seo {
          canonicalUrl
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const SitemapSizeQuery = graphql(`
  query SitemapSize($site: String, $locale: String) {
    pages(first: 1, site: $site, locale: $locale) {
      totalCount
    }
    topics(first: 1, site: $site, locale: $locale) {
      totalCount
    }
    people(first: 1, site: $site) {
      totalCount
    }
  }
`);

export const SitemapPartsQuery = graphql(`
  query SitemapParts($every: Int!, $site: String, $locale: String) {
    pageCursors(every: $every, site: $site, locale: $locale)
  }
`);

export const SitemapSiteQuery = graphql(`
  query SitemapSite($site: String) {
    site(site: $site) {
      url
      locales
    }
  }
`);
