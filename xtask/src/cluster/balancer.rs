//! The load balancer in front of the nodes: HAProxy.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::nodes::BASE_PATH;
use super::paths;
use super::programs::Programs;
use super::record::Ports;
use crate::keycloak;
use crate::system::group;

/// Writes its configuration.
pub(super) fn configure(ports: &Ports) -> Result<()> {
    let file = paths::balancer();
    std::fs::write(&file, configuration(ports)).with_context(|| format!("cannot write {}", file.display()))
}

/// Requests alternate between the nodes: no cookie ties a client to one. A connection that is refused goes to
/// the other node. A request that was sent is not sent again, for only its client knows whether that is safe.
///
/// A node that refuses connections is left out at once, but one that says it is not ready only after 75 s: if the
/// node dies that coordinates the others, they say so for up to a minute, and serve requests all the same (observed
/// on Keycloak 26.7.3: for 34 s).
fn configuration(ports: &Ports) -> String {
    let Ports { balancer, statistics, nodes: [one, two], .. } = ports;
    format!(
        r#"global
    log stdout format raw local0

defaults
    mode http
    timeout connect 2s
    timeout client 1m
    timeout server 1m
    timeout check 5s

frontend keycloak
    bind 127.0.0.1:{balancer}
    log global
    log-format "request %HM %HP status %ST from %s retries %rc ended %ts after %Tt ms"
    default_backend nodes

backend nodes
    balance roundrobin
    option redispatch 1
    retries 3
    retry-on conn-failure
    option httpchk
    http-check send meth GET uri {BASE_PATH}/health/ready
    http-check expect status 200
    default-server check inter 5s downinter 1s fall 15 rise 1 observe layer4 error-limit 5 on-error mark-down
    server node-1 127.0.0.1:{} port {}
    server node-2 127.0.0.1:{} port {}

frontend statistics
    bind 127.0.0.1:{statistics}
    stats enable
    stats uri /
"#,
        one.http, one.management, two.http, two.management
    )
}

/// HAProxy as one process that stays in the foreground.
pub(super) fn server(programs: &Programs) -> Result<Command> {
    let mut command = Command::new(&programs.haproxy);
    command.arg("-db").arg("-f").arg(paths::balancer()).current_dir("/");
    group::lead(&mut command, &paths::requests())?;
    Ok(command)
}

/// Whether it sends requests to so many nodes.
pub(super) fn ask(ports: &Ports, nodes: usize) -> Result<(), String> {
    let url = format!("http://127.0.0.1:{}/;csv", ports.statistics);
    let mut response = keycloak::http(Duration::from_secs(5))
        .get(&url)
        .call()
        .map_err(|_| "no connection to HAProxy".to_owned())?;
    let text = response.body_mut().read_to_string().map_err(|error| error.to_string())?;
    let seen = up(&text);
    if seen == nodes { Ok(()) } else { Err(format!("it sends requests to {seen} nodes of {nodes}")) }
}

/// The nodes that are up by the table of its statistics.
fn up(table: &str) -> usize {
    let column = table.lines().next().and_then(|line| line.split(',').position(|name| name == "status"));
    let status = |line: &str| line.split(',').nth(column?).map(ToOwned::to_owned);
    let node = |line: &&str| line.starts_with("nodes,node-");
    table.lines().filter(node).filter(|line| status(line).is_some_and(|it| it.starts_with("UP"))).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_nodes_that_are_up_count() {
        let table = "# pxname,svname,status,x\nkeycloak,FRONTEND,OPEN,\nnodes,node-1,UP,\n\
                     nodes,node-2,DOWN 1/2,\nnodes,BACKEND,UP,\n";
        assert_eq!(up(table), 1);
        assert_eq!(up(""), 0);
    }
}
