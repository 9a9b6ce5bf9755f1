//! The recording proxy, in front of a server that is none of Keycloak's.

use anyhow::Result;
use kxi_auth_tests::keycloak::realm::Server;
use kxi_auth_tests::recordings::normalize::Normalizer;
use kxi_auth_tests::recordings::recorder::Recorder;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// What is recorded of these paths, asked for at the same time and in this order, and of `/last`
/// after them: the paths with the number of their group.
async fn record(paths: [&str; 3]) -> Result<Vec<(String, Option<usize>)>> {
    let upstream = MockServer::start().await;
    let answer = ResponseTemplate::new(201).insert_header("location", format!("{}/made", upstream.uri()));
    Mock::given(any()).respond_with(answer).mount(&upstream).await;
    let server = Server::new(&upstream.uri(), "admin", "a password".into())?;
    let recorder = Recorder::start(&server).await?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let get = |path: &str| http.get(format!("http://{}{path}?x=1", recorder.address())).send();
    let answers = tokio::join!(get(paths[0]), get(paths[1]), get(paths[2]));
    for answer in [answers.0, answers.1, answers.2] {
        assert_eq!(answer?.headers()["location"], format!("{}/made", upstream.uri()));
    }
    get("/last").await?;
    let mut normalizer = Normalizer::new("kxi-test-0123456789abcdef", recorder.address(), &server);
    let mut order = Vec::new();
    for raw in recorder.finish()? {
        let exchange = normalizer.exchange(&raw)?;
        assert_eq!(exchange.request.query.as_deref(), Some("x=1"));
        assert_eq!(exchange.response.status, 201);
        assert_eq!(exchange.response.headers["location"], "http://server.stand-in/made");
        order.push((exchange.request.path, exchange.together));
    }
    Ok(order)
}

#[tokio::test]
async fn what_is_sent_together_is_recorded_in_one_order() -> Result<()> {
    let expected = [("/a", Some(1)), ("/b", Some(1)), ("/c", Some(1)), ("/last", None)]
        .map(|(path, group)| (path.to_owned(), group));
    for paths in [["/a", "/b", "/c"], ["/c", "/b", "/a"], ["/b", "/c", "/a"]] {
        assert_eq!(record(paths).await?, expected);
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_of_the_recording() -> Result<()> {
    let server = Server::new("http://127.0.0.1:9", "admin", "a password".into())?;
    let recorder = Recorder::start(&server).await?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let answer = http.get(format!("http://{}/x", recorder.address())).send().await?;
    assert_eq!(answer.status(), 502);
    let error = recorder.finish().err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some("GET /x"));
    Ok(())
}
