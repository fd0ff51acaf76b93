--
-- PostgreSQL database dump
--

\restrict J1kOEYp9d3vZHBemyaRZnByN4RqZbBtokr9qe8vfdorbaAbLhIQ71tbDnhlxPSj

-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: channels; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.channels (
    id integer NOT NULL,
    type integer DEFAULT 0,
    key text NOT NULL,
    status integer DEFAULT 1,
    name character varying(191),
    weight integer DEFAULT 0,
    base_url character varying(191) DEFAULT ''::character varying,
    other text,
    models text,
    "group" character varying(64) DEFAULT 'default'::character varying,
    model_mapping text,
    priority bigint DEFAULT 0,
    param_override text,
    channel_info text
);


ALTER TABLE public.channels OWNER TO postgres;

--
-- Name: logs; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.logs (
    id integer NOT NULL,
    content text
);


ALTER TABLE public.logs OWNER TO postgres;

--
-- Name: options; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.options (
    key character varying(191) NOT NULL,
    value text
);


ALTER TABLE public.options OWNER TO postgres;

--
-- Name: tokens; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.tokens (
    id integer NOT NULL,
    user_id integer,
    key character varying(128),
    status integer DEFAULT 1,
    name character varying(191),
    created_time bigint,
    expired_time bigint DEFAULT '-1'::integer,
    remain_quota integer DEFAULT 0,
    unlimited_quota boolean,
    model_limits_enabled boolean,
    model_limits text,
    allow_ips character varying(191),
    used_quota integer DEFAULT 0,
    "group" character varying(191) DEFAULT ''::character varying,
    deleted_at timestamp without time zone
);


ALTER TABLE public.tokens OWNER TO postgres;

--
-- Name: users; Type: TABLE; Schema: public; Owner: postgres
--

CREATE TABLE public.users (
    id integer NOT NULL,
    username character varying(64),
    password character varying(191),
    display_name character varying(191),
    role integer DEFAULT 1,
    status integer DEFAULT 1,
    email character varying(191),
    access_token character(32),
    quota integer DEFAULT 0,
    used_quota integer DEFAULT 0,
    "group" character varying(64),
    deleted_at timestamp without time zone
);


ALTER TABLE public.users OWNER TO postgres;

--
-- Data for Name: channels; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.channels VALUES (1, 1, 'sk-one
sk-two', 1, 'main', 0, '', '', 'gpt-4.1-mini,my-model,no-price,gpt-4.1', 'default,vip', '{"gpt-4.1":"gpt-4.1-2025-04-14"}', 10, '{"temperature":0}', '{"is_multi_key":true,"multi_key_status_list":{"1":3}}');
INSERT INTO public.channels VALUES (2, 14, 'sk-ant-x', 2, 'main', 5, 'https://relay.example/', '', 'claude-sonnet-4-5', 'vip', '', 0, '', '');
INSERT INTO public.channels VALUES (3, 33, 'AKIA|SECRET|us-west-2', 1, 'aws', 0, '', '', 'claude-sonnet-4-5', 'default', NULL, 0, '', '');
INSERT INTO public.channels VALUES (4, 17, 'sk-ali', 1, 'ali', 0, '', '', 'qwen-plus', 'default', '', 0, '', '');
INSERT INTO public.channels VALUES (5, 3, 'azkey', 1, 'az', 0, 'https://x.openai.azure.com', '2024-10-21', 'gpt-4.1', 'default', '', 0, '', '');
INSERT INTO public.channels VALUES (6, 18, 'x|y|z', 1, 'spark', 0, '', '', 'spark', 'default', '', 0, '', '');


--
-- Data for Name: logs; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.logs VALUES (1, 'insert into users values (9,''x'');');
INSERT INTO public.logs VALUES (2, 'COPY users (id) FROM stdin;');


--
-- Data for Name: options; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.options VALUES ('ModelRatio', '{"gpt-4.1-mini":0.2,"my-model":0.75,"gpt-4.1":1.5,"no-price":3}');
INSERT INTO public.options VALUES ('CompletionRatio', '{"gpt-4.1-mini":4,"my-model":5,"gpt-4.1":4}');
INSERT INTO public.options VALUES ('CacheRatio', '{"my-model":0.1}');
INSERT INTO public.options VALUES ('ModelPrice', '{"sold-per-call":0.05}');
INSERT INTO public.options VALUES ('GroupRatio', '{"default":1,"vip":0.8,"staff":0.5}');
INSERT INTO public.options VALUES ('UserUsableGroups', '{"default":"everybody","vip":"its dear"}');
INSERT INTO public.options VALUES ('AutoGroups', '["vip","default"]');
INSERT INTO public.options VALUES ('QuotaPerUnit', '500000');


--
-- Data for Name: tokens; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.tokens VALUES (1, 2, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 'first', 1700000000, -1, 0, true, false, '', '', 5, '', NULL);
INSERT INTO public.tokens VALUES (2, 2, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 4, 'limited', 1700000000, 4102444800, 750000, false, true, 'gpt-4.1-mini,my-model', '10.0.0.0/8
192.168.1.7', 5, 'default', NULL);
INSERT INTO public.tokens VALUES (3, 1, 'cccccccccccccccccccccccccccccccccccccccccccccccc', 2, 'off', 1700000000, -1, 0, true, false, '', '', 0, 'auto', NULL);
INSERT INTO public.tokens VALUES (4, 5, 'dddddddddddddddddddddddddddddddddddddddddddddddd', 1, 'of a deleted user', 1700000000, -1, 0, true, false, '', '', 0, '', NULL);
INSERT INTO public.tokens VALUES (5, 1, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 1, 'deleted', 1700000000, -1, 0, true, false, '', '', 0, '', '2025-01-02 03:04:05');
INSERT INTO public.tokens VALUES (6, 4, 'ffffffffffffffffffffffffffffffffffffffffffffffff', 1, 'odd addresses', 1700000000, -1, 100, false, false, '', '10.0.0.1
nonsense', 0, 'gone-group', NULL);


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: postgres
--

INSERT INTO public.users VALUES (1, 'root', '$2a$04$m.Ai3SS2/Zp0bOGtghkhW.Fi1TuGFYI6sqy3kHLzO4nErEuSKr45a', 'Root User', 100, 1, 'root@example.com', '0123456789abcdef0123456789abcdef', 50000000, 0, 'default', NULL);
INSERT INTO public.users VALUES (2, 'Anna', '$2a$04$m.Ai3SS2/Zp0bOGtghkhW.Fi1TuGFYI6sqy3kHLzO4nErEuSKr45a', 'O''Neil \ "An"
	na;', 1, 1, 'Anna@Example.com', NULL, 1234567, 10, 'vip', NULL);
INSERT INTO public.users VALUES (3, '小明', '$2a$10$nothing', '小明 -- /* x', 1, 2, '', NULL, 0, 0, 'default', NULL);
INSERT INTO public.users VALUES (4, 'anna', '', 'second', 1, 1, 'anna@example.com', NULL, -500, 0, 'default', NULL);
INSERT INTO public.users VALUES (5, 'gone', '', 'gone', 1, 1, 'gone@example.com', NULL, 999, 0, 'default', '2025-01-02 03:04:05');


--
-- Name: channels channels_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_pkey PRIMARY KEY (id);


--
-- Name: logs logs_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.logs
    ADD CONSTRAINT logs_pkey PRIMARY KEY (id);


--
-- Name: options options_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.options
    ADD CONSTRAINT options_pkey PRIMARY KEY (key);


--
-- Name: tokens tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (id);


--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: postgres
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);


--
-- PostgreSQL database dump complete
--

\unrestrict J1kOEYp9d3vZHBemyaRZnByN4RqZbBtokr9qe8vfdorbaAbLhIQ71tbDnhlxPSj

