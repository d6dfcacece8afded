//! What every store has to do, over every kind of connection.

use std::sync::LazyLock;

use larder::Redis;
use larder_kit::{Cluster, Server};

static SERVER: LazyLock<Server> = LazyLock::new(Server::plain);

mod third_protocol {
    fn connect() -> super::Redis {
        super::Redis::url(&super::SERVER.url()).unwrap()
    }

    larder::conformance_tests!(connect);
}

mod second_protocol {
    fn connect() -> super::Redis {
        super::Redis::url(&format!("{}?protocol=2", super::SERVER.url())).unwrap()
    }

    larder::conformance_tests!(connect);
}

mod socket {
    fn connect() -> super::Redis {
        super::Redis::url(&format!("redis+unix://{}?db=3", super::SERVER.socket().display())).unwrap()
    }

    larder::conformance_tests!(connect);
}

mod cluster {
    use super::{Cluster, LazyLock, Redis, Server};

    static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);

    fn connect() -> Redis {
        let nodes: Vec<_> = CLUSTER.nodes().iter().map(Server::address).collect();
        Redis::url(&format!("redis-cluster://{}", nodes.join(","))).unwrap()
    }

    larder::conformance_tests!(connect);
}
