# CooRTweet on posts: Rscript coortweet_peer.R POSTS.csv SECONDS. Prints seconds, rows, edges.
suppressMessages(library(CooRTweet))
arguments <- commandArgs(trailingOnly = TRUE)
posts <- data.table::fread(arguments[1])
began <- proc.time()[["elapsed"]]
found <- detect_groups(posts, time_window = as.numeric(arguments[2]))
network <- generate_coordinated_network(found)
cat(proc.time()[["elapsed"]] - began, nrow(found), igraph::ecount(network), "\n")
