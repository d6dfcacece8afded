//! The attribute and the derives of larder.
