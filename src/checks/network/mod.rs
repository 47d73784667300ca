//! The network around the clusters.

pub mod address_space_overlap;
