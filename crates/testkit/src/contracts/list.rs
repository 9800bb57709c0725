//! The list of all contracts, and the macro that makes tests of it.

/// Makes one test of each contract, in a module of this name; `$stores` is an `async fn() -> Stores`, given by
/// its whole path. See [`contracts`](crate::contracts).
#[macro_export]
macro_rules! port_contracts {
    ($module:ident, $stores:path) => {
        mod $module {
            $crate::port_contracts!(@suite $stores, registration: [
                a_registration_is_written_whole,
                a_registration_needs_no_email_password_or_agent,
                threat_g4_an_address_is_taken_however_it_is_typed,
                only_ascii_letters_of_an_address_are_folded,
                the_address_of_a_suspended_account_is_taken,
                the_address_of_an_archived_account_is_free_again,
                a_taken_handle_of_the_account_key_leaves_nothing_behind,
                a_taken_handle_of_the_agent_key_leaves_nothing_behind,
                two_keys_of_one_registration_cannot_share_a_handle,
                the_handle_of_a_revoked_key_is_taken,
                handles_differ_by_case,
                a_taken_tenant_leaves_nothing_behind,
            ]);
            $crate::port_contracts!(@suite $stores, registration_races: [
                of_32_registrations_with_one_address_exactly_one_succeeds,
                of_32_registrations_with_one_handle_exactly_one_succeeds,
                a_refused_registration_leaves_its_neighbours_alone,
            ]);
            $crate::port_contracts!(@suite $stores, round_trip: [
                names_come_back_to_the_letter,
                an_address_comes_back_as_it_was_typed,
                a_balance_comes_back_as_it_was_written,
                a_moment_comes_back_to_the_microsecond,
                an_account_comes_back_in_each_state,
                a_password_comes_back_to_the_letter,
                a_key_comes_back_in_each_state,
                an_agent_comes_back_in_each_state,
            ]);
            $crate::port_contracts!(@suite $stores, accounts: [
                what_does_not_exist_is_absent,
                a_login_is_found_however_its_address_is_typed,
                a_login_is_found_until_its_account_is_archived,
                an_account_is_found_with_the_key_that_is_asked_for,
                an_account_is_found_with_its_own_active_key_in_place_of_none,
                an_account_without_an_active_key_is_found_without_one,
                an_account_is_found_by_its_name,
            ]);
            $crate::port_contracts!(@suite $stores, logins: [
                a_login_is_written_down,
                threat_k11_a_rehash_replaces_one_account_s_password,
                a_stale_rehash_is_dropped_and_its_event_is_kept,
            ]);
            $crate::port_contracts!(@suite $stores, statuses: [
                a_status_changes_with_its_event,
                a_status_changes_only_from_the_expected_one,
                a_status_is_compared_by_kind_and_not_by_moment,
                a_status_changes_only_in_the_expected_epoch,
                the_status_of_an_unknown_account_does_not_change,
                threat_k11_a_change_of_status_touches_one_account,
                of_32_changes_of_status_exactly_one_succeeds,
                threat_j10_an_epoch_is_begun_once_and_for_one_account,
                a_password_is_replaced_with_a_new_epoch_or_neither_is,
            ]);
            $crate::port_contracts!(@suite $stores, account_pages: [
                a_list_of_no_accounts_is_empty,
                accounts_are_listed_newest_first,
                pages_one_behind_the_other_are_all_accounts,
                a_new_account_does_not_move_the_next_page,
                accounts_are_found_by_their_canonical_address,
                a_page_of_accounts_is_no_longer_than_its_limit,
            ]);
            $crate::port_contracts!(@suite $stores, plans: [
                an_account_comes_back_on_each_plan,
                a_plan_changes_with_its_event,
                every_server_hears_of_a_change_of_plan,
                a_plan_changes_only_from_the_expected_one,
                threat_k11_a_change_of_plan_touches_one_account,
                of_32_changes_of_plan_exactly_one_succeeds,
            ]);
            $crate::port_contracts!(@suite $stores, erasure: [
                an_account_is_erased_in_every_status,
                an_account_is_erased_once,
                what_an_erased_account_held_is_free_again,
                threat_k11_an_erasure_touches_one_account,
                of_32_erasures_exactly_one_succeeds,
                a_suspension_does_not_bring_an_erased_account_back,
            ]);
            $crate::port_contracts!(@suite $stores, agents: [
                an_agent_is_found_by_its_own_account,
                threat_a1_an_agent_is_absent_for_any_other_owner,
                an_agent_is_written_whole,
                a_taken_handle_of_a_new_agent_leaves_nothing_behind,
                an_agent_without_an_account_is_not_written,
                an_agent_is_found_with_its_newest_key_active_before_revoked,
                agents_are_listed_oldest_first,
                pages_of_agents_one_behind_the_other_are_the_whole_list,
                archived_agents_are_listed_only_when_they_are_asked_for,
                pages_of_the_newest_agents_are_all_that_are_active,
            ]);
            $crate::port_contracts!(@suite $stores, agent_changes: [
                an_update_changes_what_it_names_and_nothing_else,
                an_archived_agent_is_not_updated,
                an_agent_is_archived_once,
                a_deleted_agent_is_gone_with_all_of_its_keys,
                threat_a2_an_agent_is_changed_by_its_owner_only,
                threat_k11_a_change_touches_one_agent,
                of_32_endings_of_an_agent_each_kind_succeeds_at_most_once,
            ]);
            $crate::port_contracts!(@suite $stores, agent_keys: [
                a_replaced_key_is_revoked_and_the_new_one_is_active,
                threat_k5_a_key_is_replaced_only_while_it_is_the_one_that_was_seen,
                an_agent_without_an_active_key_gets_one,
                an_ended_agent_gets_no_key,
                a_taken_handle_of_a_new_key_leaves_the_old_one_active,
                threat_k5_of_32_replacements_exactly_one_succeeds,
                threat_k5_of_revocations_and_replacements_exactly_one_succeeds,
            ]);
            $crate::port_contracts!(@suite $stores, keys: [
                an_unknown_handle_is_absent,
                a_key_comes_with_how_its_owners_stand,
                a_key_shows_a_suspension_at_once,
                a_key_is_revoked_once,
                an_unknown_key_is_not_revoked,
                threat_k11_a_revocation_touches_one_key,
                of_32_revocations_exactly_one_succeeds,
                a_key_s_last_use_is_its_latest,
                last_uses_are_written_down_by_several_at_once,
            ]);
            $crate::port_contracts!(@suite $stores, credentials: [
                nothing_is_found_where_nothing_is_wanted,
                keys_by_handle_come_with_their_owners,
                what_exists_is_found_by_id_and_the_rest_is_left_out,
            ]);
            $crate::port_contracts!(@suite $stores, sessions: [
                a_session_comes_back_with_its_account,
                threat_j10_a_session_begins_only_in_the_present_epoch,
                threat_w4_a_session_takes_the_place_of_another,
                a_session_begins_with_a_fresh_hash,
                a_session_s_last_use_only_moves_forward,
                threat_k11_a_session_is_ended_once_and_alone,
                of_32_logouts_exactly_one_succeeds,
                sessions_are_forgotten_by_their_end_and_their_last_use,
                threat_k11_an_erasure_takes_an_account_s_sessions,
            ]);
            $crate::port_contracts!(@suite $stores, revocations: [
                a_new_log_is_empty,
                deeds_that_end_something_are_logged_in_their_order,
                the_log_is_read_by_number,
                a_token_is_revoked_once,
                of_32_revocations_of_one_token_exactly_one_succeeds,
                numbers_of_32_revocations_have_no_gap,
                a_revoked_token_is_known_until_it_expires,
                a_log_that_forgets_says_so,
                a_revoked_token_comes_back_as_it_was_written,
            ]);
            $crate::port_contracts!(@suite $stores, key_pages: [
                a_list_of_no_keys_is_empty,
                a_key_is_found_by_its_id,
                keys_are_listed_newest_first,
                threat_a2_an_account_s_keys_are_its_own,
                pages_one_behind_the_other_are_all_keys,
                a_new_key_does_not_move_the_next_page,
            ]);
            $crate::port_contracts!(@suite $stores, epochs: [
                threat_c10_no_key_is_issued_to_whom_a_reset_has_put_out,
                a_good_key_is_issued_keys_in_any_epoch,
                threat_c10_no_key_is_issued_to_a_key_that_has_ended,
                a_key_in_its_grace_is_issued_keys,
                a_key_that_has_rotated_itself_is_told_so,
                threat_c10_of_32_requests_beside_a_reset_none_leaves_a_key,
            ]);
            $crate::port_contracts!(@suite $stores, key_lifecycle: [
                a_key_is_created_with_its_event,
                a_key_comes_back_with_all_that_its_owner_says,
                a_taken_handle_of_a_created_key_leaves_nothing_behind,
                a_key_without_an_account_is_not_written,
                threat_k11_what_an_account_does_with_its_keys_touches_no_other,
                threat_k8_a_key_of_another_owner_is_unknown,
                pages_of_an_owner_s_keys_are_all_of_them,
                a_key_is_revoked_by_its_owner_once,
            ]);
            $crate::port_contracts!(@suite $stores, key_limits: [
                an_account_has_no_more_keys_than_it_may_have,
                a_revoked_key_makes_room_for_one,
                a_revoked_key_of_an_agent_makes_no_room,
                an_expired_key_makes_room_for_one,
                a_revocation_that_comes_late_makes_no_second_room,
                a_rotation_keeps_the_number_of_keys,
                a_reset_that_ends_all_keys_makes_room_for_all,
                of_32_creations_with_room_for_one_exactly_one_succeeds,
                the_number_of_keys_is_exact_after_32_changes_at_once,
                keys_of_agents_do_not_count,
            ]);
            $crate::port_contracts!(@suite $stores, key_rotations: [
                threat_k5_a_rotated_key_is_dead_as_the_new_one_begins,
                a_key_that_is_rotated_with_grace_is_good_until_then,
                a_grace_never_extends_a_key_s_own_end,
                threat_k5_only_an_active_key_is_rotated,
                a_taken_handle_of_a_rotation_leaves_the_old_key_active,
                an_agent_s_key_is_rotated_while_its_agent_is_active,
                a_replacement_ends_a_grace,
                threat_k5_of_32_rotations_exactly_one_succeeds,
                threat_k5_of_rotations_and_revocations_exactly_one_ends_the_key,
                repeatable_rotations_of_one_account_all_succeed_at_once,
                threat_k5_of_a_rotation_and_a_replacement_one_key_is_active,
                of_a_rotation_and_a_deletion_nothing_is_left,
            ]);
            $crate::port_contracts!(@suite $stores, idempotency: [
                what_was_not_answered_is_absent,
                a_deed_writes_its_record_which_is_found_until_it_expires,
                threat_k6_a_repetition_writes_nothing_and_comes_before_every_other_refusal,
                an_expired_record_makes_room,
                a_deed_that_is_refused_leaves_no_record,
                threat_k11_records_go_with_their_account,
                a_deed_without_an_account_leaves_no_record,
                records_are_forgotten_by_their_end,
                threat_k6_of_32_equal_requests_exactly_one_is_done,
            ]);
            $crate::port_contracts!(@suite $stores, standings: [
                a_subject_stands_as_it_was_written,
                what_a_token_does_not_name_is_absent,
                what_does_not_exist_is_absent,
                threat_a2_what_is_another_account_s_is_absent,
                a_subject_stands_as_of_now,
            ]);
            $crate::port_contracts!(@suite $stores, audit: [
                a_new_trail_is_empty,
                threat_p3_an_event_comes_back_intact,
                events_are_read_newest_first,
                events_of_one_moment_are_read_by_their_ids,
                pages_one_behind_the_other_are_the_whole_trail,
                a_new_event_does_not_move_the_next_page,
                a_page_begins_behind_any_place,
                an_account_s_trail_holds_its_own_events,
                a_page_is_no_longer_than_its_limit,
            ]);
            $crate::port_contracts!(@suite $stores, signing_keys: [
                a_new_store_has_no_signing_keys,
                a_signing_key_comes_back_as_it_was_written,
                signing_keys_are_read_oldest_first,
                an_algorithm_has_one_active_key,
                thumbprints_differ_by_case,
                of_32_activations_exactly_one_succeeds,
            ]);
            $crate::port_contracts!(@suite $stores, signing_key_rotation: [
                a_signing_key_comes_back_in_each_state,
                an_algorithm_has_one_published_key,
                one_key_takes_over_from_the_other,
                keys_that_do_not_stand_so_hand_nothing_over,
                a_retired_or_published_key_is_deleted_and_an_active_one_never,
                every_server_hears_of_each_change_of_signing_keys,
                threat_k11_a_rotation_touches_its_own_keys,
                of_32_publications_exactly_one_succeeds,
                of_32_hand_overs_exactly_one_succeeds,
                of_32_deletions_exactly_one_succeeds,
            ]);
            $crate::port_contracts!(@suite $stores, outbox: [
                a_new_outbox_is_empty,
                an_entry_comes_back_as_it_was_written,
                a_registration_is_written_with_its_mail_or_neither_is,
                what_has_been_due_longest_is_taken_up_first,
                threat_d6_an_entry_whose_taker_says_nothing_is_due_again,
                what_is_done_is_gone,
                threat_k11_what_is_postponed_is_due_again_later,
                an_entry_that_somebody_else_has_taken_up_is_not_postponed,
                what_is_given_up_is_gone_with_its_event,
                the_depth_counts_all_that_waits,
                of_32_claims_each_entry_is_one_s,
                threat_e4_an_owner_is_told_once_a_day,
                of_32_notices_exactly_one_is_given,
            ]);
            $crate::port_contracts!(@suite $stores, single_use_tokens: [
                an_unknown_token_is_absent,
                a_token_comes_back_with_its_account,
                an_address_is_verified_once,
                an_address_keeps_the_moment_of_its_first_verification,
                a_token_expires,
                threat_k11_a_newer_token_ends_the_older_one_of_its_kind,
                threat_j8_a_token_is_good_for_its_purpose_only,
                a_token_is_issued_to_what_it_is_bound_to,
                no_more_tokens_are_issued_than_the_limit_lets,
                of_32_issues_with_room_for_two_exactly_two_succeed,
                a_token_of_an_archived_account_is_unknown,
                a_verification_is_pending_from_its_mail_to_the_end_of_its_token,
                tokens_are_forgotten_by_their_end,
                threat_k11_an_erasure_takes_an_account_s_mails_and_tokens,
                of_32_verifications_exactly_one_succeeds,
                of_32_tokens_of_one_kind_one_is_good,
                a_token_s_moments_come_back_to_the_microsecond,
            ]);
            $crate::port_contracts!(@suite $stores, password_resets: [
                a_reset_ends_tokens_and_keeps_keys_of_a_verified_account,
                threat_c10_a_reset_of_an_unverified_account_ends_its_keys_too,
                threat_c10_an_account_is_taken_over_by_the_link_that_verifies,
                threat_c10_what_an_account_s_maker_holds_is_counted,
                a_reset_leaves_revoked_keys_as_they_are,
                a_reset_gives_a_password_to_an_account_without_one,
                threat_a5_a_reset_needs_a_token_that_is_good,
                threat_c10_a_new_epoch_of_an_unverified_account_ends_no_reset,
                a_reset_leaves_the_status_as_it_is,
                a_reset_that_knows_too_little_is_overtaken,
                of_32_resets_exactly_one_succeeds,
            ]);
            $crate::port_contracts!(@suite $stores, password_examples: [
                without_passwords_there_are_no_examples,
                threat_e2_each_stored_scheme_and_cost_has_an_example,
            ]);
            $crate::port_contracts!(@suite $stores, imports: [
                a_batch_of_accounts_is_written_whole,
                an_empty_batch_writes_nothing,
                a_batch_with_one_taken_address_is_not_written,
                holders_of_addresses_are_told_apart,
                many_addresses_are_asked_for_at_once,
                of_32_imports_with_one_address_exactly_one_succeeds,
                a_batch_of_keys_is_written_whole,
                a_batch_of_keys_with_one_that_cannot_be_is_not_written,
                imported_keys_count_among_their_account_s,
            ]);
            $crate::port_contracts!(@suite $stores, deployment: [
                an_empty_database_belongs_to_no_deployment,
                a_deployment_is_founded_once,
                accounts_without_a_deployment_are_no_empty_database,
                a_signing_key_without_a_deployment_is_no_empty_database,
                of_32_founders_exactly_one_succeeds,
            ]);
            $crate::port_contracts!(@suite $stores, master_key_slots: [
                a_second_slot_supersedes_the_first,
                a_slot_that_is_not_expected_so_changes_nothing,
                the_superseded_slot_is_dropped_once,
                the_current_slot_is_dropped_once_and_the_other_is_current_again,
                of_32_rotations_exactly_one_succeeds,
                of_32_racers_for_either_slot_exactly_one_succeeds,
            ]);
            $crate::port_contracts!(@suite $stores, health: [
                a_database_that_is_up_to_date_is_ready,
            ]);
        }
    };
    (@suite $stores:path, $suite:ident: [$($contract:ident,)+]) => {
        mod $suite {$(
            #[test]
            fn $contract() {
                $crate::contracts::run($stores, $crate::contracts::$suite::$contract);
            }
        )+}
    };
}

/// The same for the contract of limiters; `$limiters` is an `async fn() -> Limiters`.
#[macro_export]
macro_rules! limiter_contracts {
    ($module:ident, $limiters:path) => {
        mod $module {
            $crate::port_contracts!(@suite $limiters, limits: [
                a_bucket_passes_its_number_at_once_and_then_refills,
                a_refusal_takes_nothing_and_says_how_long_to_wait,
                what_is_given_back_can_be_taken_again_and_no_more,
                of_32_takers_exactly_as_many_pass_as_there_is_room_for,
                of_1000_takers_exactly_100_pass,
                of_32_who_give_back_nothing_is_lost,
                threat_g2_each_failure_waits_longer_than_the_one_before,
                threat_g2_of_32_attempts_exactly_10_may_be_made,
                a_success_forgives_all_failures,
                an_attempt_without_an_end_is_taken_back,
                failures_are_forgotten_after_a_day,
                a_mark_is_remembered_until_its_end,
                threat_d8_a_clock_that_is_stepped_back_holds_nobody_up_for_long,
                threat_k11_a_change_touches_one_counter,
                a_restart_keeps_what_was_counted,
                decisions_are_those_of_the_arithmetic,
            ]);
        }
    };
}
